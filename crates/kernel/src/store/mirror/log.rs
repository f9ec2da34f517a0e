//! The write-ahead log of the embedded engine as bytes: its header, its frames, and the checksums that chain them.
//!
//! Pure. The form is the engine's published one: a header of 32 bytes, then for each page a header of 24 bytes and the page.

/// Bytes of the header of a log.
pub(super) const HEADER: usize = 32;
/// Bytes before the page in a frame.
pub(super) const FRAME_HEADER: usize = 24;

/// Where a log stands: what its next frame must continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// The header's bytes.
    pub(super) header: [u8; HEADER],
    /// Bytes of a page.
    pub(super) page: usize,
    /// Frames taken in so far.
    pub(super) frames: u64,
    sums: (u32, u32),
}

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Number of its page, from 1.
    pub(super) page: u32,
    /// Pages of the whole database after the commit that this frame ends; nothing inside a commit.
    pub(super) commit: Option<u32>,
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes)
}

impl Chain {
    /// A log that begins with these bytes; `None` when they are no whole header.
    pub(super) fn begin(header: &[u8]) -> Option<Self> {
        let header: [u8; HEADER] = header.get(..HEADER)?.try_into().ok()?;
        let (magic, page) = (word(&header, 0), word(&header, 8) as usize);
        let known = magic & !1 == 0x377f_0682 && page.is_power_of_two() && (512..=65536).contains(&page);
        let mut chain = Self { header, page, frames: 0, sums: (0, 0) };
        chain.sums = chain.sum((0, 0), &header[..24]);
        (known && chain.sums == (word(&header, 24), word(&header, 28))).then_some(chain)
    }

    /// Bytes of a frame.
    pub(super) fn frame_bytes(&self) -> usize {
        FRAME_HEADER + self.page
    }

    /// Where a frame begins in the file, counted from 0.
    pub(super) fn offset(&self, frame: u64) -> u64 {
        HEADER as u64 + frame * self.frame_bytes() as u64
    }

    /// Whether this header belongs to the log that was begun anew right after this one.
    pub(super) fn is_followed_by(&self, header: &[u8; HEADER]) -> bool {
        word(header, 16) == word(&self.header, 16).wrapping_add(1)
    }

    /// Takes the next frame in; `None` when it does not continue this log.
    pub(super) fn take(&mut self, frame: &[u8]) -> Option<Frame> {
        let (head, page) = frame.split_at_checked(FRAME_HEADER)?;
        if page.len() != self.page || head[8..16] != self.header[16..24] {
            return None;
        }
        let sums = self.sum(self.sum(self.sums, &head[..8]), page);
        let number = word(head, 0);
        if number == 0 || sums != (word(head, 16), word(head, 20)) {
            return None;
        }
        self.sums = sums;
        self.frames += 1;
        let size = word(head, 4);
        Some(Frame { page: number, commit: (size > 0).then_some(size) })
    }

    /// The checksum over more bytes, in words of the order that the magic number tells.
    fn sum(&self, (mut a, mut b): (u32, u32), bytes: &[u8]) -> (u32, u32) {
        let big = self.header[3] & 1 == 1;
        let of = |four: &[u8]| {
            let four = [four[0], four[1], four[2], four[3]];
            if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
        };
        for pair in bytes.chunks_exact(8) {
            a = a.wrapping_add(of(&pair[..4])).wrapping_add(b);
            b = b.wrapping_add(of(&pair[4..])).wrapping_add(a);
        }
        (a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log as the engine writes it.
    fn log() -> Vec<u8> {
        use sea_orm::sqlx::{Connection, Executor, sqlite::SqliteConnection};
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("x.sqlite");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a run time");
        runtime.block_on(async {
            let address = format!("sqlite://{}?mode=rwc", file.display());
            let mut db = SqliteConnection::connect(&address).await.expect("opens");
            for sql in ["PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES (zeroblob(20000))"] {
                db.execute(sql).await.expect("runs");
            }
            std::fs::read(dir.path().join("x.sqlite-wal")).expect("a log")
        })
    }

    #[test]
    fn a_log_is_read_frame_by_frame_and_no_changed_byte_passes() {
        let bytes = log();
        let chain = Chain::begin(&bytes).expect("a header");
        let frames: Vec<&[u8]> = bytes[HEADER..].chunks(chain.frame_bytes()).collect();
        let read = |frames: &[&[u8]]| {
            let mut chain = chain.clone();
            frames.iter().map(|frame| chain.take(frame)).collect::<Option<Vec<_>>>()
        };
        let told = read(&frames).expect("every frame continues the log");
        assert!(told.len() > 5 && told.last().is_some_and(|last| last.commit.is_some()), "{told:?}");
        for at in 0..frames[0].len() {
            let mut changed = frames[0].to_vec();
            changed[at] ^= 1;
            assert_eq!(read(&[&changed]), None, "byte {at}");
        }
        assert_eq!(read(&[frames[1]]), None, "a frame is missing");
        let mut header = bytes[..HEADER].to_vec();
        header[17] ^= 1;
        assert_eq!(Chain::begin(&header), None);
    }
}
