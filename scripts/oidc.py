"""Signs in through a real OpenID Connect provider: binds an identity, signs in with it, and tries what must not work.

usage: oidc.py PLATFORM PROVIDER LOGIN PASSWORD   (both addresses; started by oidc.sh)
"""

import re
import sys
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

PLATFORM, PROVIDER, LOGIN, PASSWORD = sys.argv[1:5]


class Stay(HTTPRedirectHandler):
    """Tells where it is led instead of going there."""

    def redirect_request(self, *args):
        return None


class Person:
    """A browser: cookies, no more."""

    def __init__(self) -> None:
        self.opener = build_opener(Stay, HTTPCookieProcessor(CookieJar()))

    def ask(self, address: str, fields: dict | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the text."""
        if address.startswith("/"):
            address = PLATFORM + address
        request = Request(address, urlencode(fields).encode() if fields is not None else None)
        request.add_header("Sec-Fetch-Site", "same-origin")
        try:
            answer = self.opener.open(request, timeout=20)
        except HTTPError as error:
            answer = error
        return answer.status, answer.headers.get("location") or "", answer.read().decode()

    def csrf(self, path: str) -> str:
        return re.search(r'name="csrf" value="([^"]*)"', self.ask(path)[2]).group(1)

    def sign_in(self) -> None:
        status, _, _ = self.ask("/sign-in", {"login": LOGIN, "password": PASSWORD})
        assert status == 303, f"the password is right: {status}"

    def at_provider(self, subject: str, change=lambda address: address) -> str:
        """Goes to the provider, says who one is there, and comes back to the address that is told."""
        status, there, text = self.ask("/sign-in/oidc")
        assert status == 303 and there.startswith(PROVIDER), f"the way to the provider: {status} {there} {text[:200]}"
        asked = parse_qs(urlsplit(there).query)
        assert asked["code_challenge_method"] == ["S256"] and asked["nonce"] and asked["state"], asked
        status, back, text = self.ask(there, {"sub": subject})
        assert status in (302, 303) and back.startswith(f"{PLATFORM}/sign-in/oidc/back"), f"{status} {back} {text[:400]}"
        return change(back)


def main() -> None:
    owner = Person()
    stranger = Person()
    status, _, text = stranger.ask(stranger.at_provider("u-1"))
    assert status == 409 and "还没有绑定" in text, f"an identity that nobody has bound lets nobody in: {status}"
    owner.sign_in()
    status, _, text = owner.ask("/me/identity", {"csrf": owner.csrf("/me/identity"), "current": "not the one"})
    assert status == 422 and "/sign-in/oidc" not in text, f"a desk left alone binds nothing: {status}"
    status, _, text = owner.ask("/me/identity", {"csrf": owner.csrf("/me/identity"), "current": PASSWORD})
    assert status == 200 and "/sign-in/oidc" in text, f"ready to bind: {status}"
    status, there, text = owner.ask(owner.at_provider("u-1"))
    assert (status, there) == (303, "/me"), f"bound: {status} {there} {text[:300]}"
    visitor = Person()
    back = visitor.at_provider("u-1")
    status, there, text = visitor.ask(back)
    assert status == 303 and there == "/", f"signed in: {status} {there} {text[:300]}"
    assert visitor.ask("/me")[0] == 200 and LOGIN in visitor.ask("/me")[2], "as the account that bound it"
    assert visitor.ask(back)[0] == 409, "an answer counts once"
    thief = Person()
    assert thief.ask(thief.at_provider("u-1", lambda address: address.replace("state=", "state=x")))[0] == 409, "another state"
    assert Person().ask(back)[0] == 409, "an answer without a question"
    other = Person()
    assert other.ask(other.at_provider("u-2"))[0] == 409, "another identity"
    owner.ask("/me/identity/off", {"csrf": owner.csrf("/me/identity")})
    gone = Person()
    assert gone.ask(gone.at_provider("u-1"))[0] == 409, "after it was taken off"
    print("OpenID Connect: bound, signed in, and refused where it must be")


if __name__ == "__main__":
    main()
