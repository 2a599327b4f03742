"""What looks like a secret never gets into a manifest; ordinary code does, unchanged."""

import pytest

from pitwall.domain.secrets import redact, redact_values, secret_files
from pitwall.tracking.sections.code import redact_patch

# put together here, so that no scanner stumbles over this file
SECRETS = {
    "AWS key": "key = " + "AKIA" + "IOSFODNN7EXAMPLE",
    "GitHub token": "x = " + "ghp_" + "a1B2" * 9,
    "Slack token": "xoxb-" + "123456789012-abcdef",
    "Google key": "AIza" + "A1b2C3d4E" * 3 + "A1b2C3d4",
    "JSON web token": "eyJ" + "hbGciOiJI" + ".eyJ" + "zdWIiOiIx" + ".abcdefgh12",
    "password in an address": "url = postgresql://me:" + "s3cretpw@db/pitwall",
    "bearer token": "Authorization: Bearer " + "abcdef0123456789abcdef",
    "quoted literal": 'DB_PASSWORD = "' + 'correcthorse"',
    "setting": "api_key: " + "a8f5f167f44f",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_each_form_is_found_and_taken_out_of_an_added_line(kind):
    patch = f"diff --git a/x b/x\n--- a/x\n+++ b/src/x.py\n@@ -1 +1,2 @@\n keep = 1\n+{SECRETS[kind]}\n".encode()
    clean, found = redact_patch(patch)
    assert [(each.file, each.line) for each in found] == [("src/x.py", 6)]
    assert found[0].kind == kind
    text = clean.decode()
    assert f"[redacted: {kind}]" in text
    assert SECRETS[kind] not in text
    assert text.splitlines()[:5] == patch.decode().splitlines()[:5]
    assert redact_patch(clean) == (clean, [])


def test_a_private_key_is_taken_out_whole():
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    clean, found = redact(f"+++ b/k\n+{begin}\n+MIIEow\n+AAAA\n+{end}\n+after", "k")
    assert "MIIE" not in clean
    assert clean.endswith("\n+after")
    assert [each.kind for each in found] == ["private key"]


@pytest.mark.parametrize(
    "line",
    [
        "token = page.token",
        "    token: str | None = None",
        "password: SecretStr",
        "page_token=token)",
        "secret = os.environ['X']",
        'url = f"postgresql://{user}:{password}@{host}"',
        "an address is written postgresql://user:password@host/name",
        'password = "<yours>"',
        "key = hash_of(value)",
        "commit 05a43117851a94bafa6891a38a9ab9b6ef30b528",
        "asttokens==3.0.2",
    ],
)
def test_ordinary_code_is_left_alone(line):
    assert redact(line, "x.py") == (line, [])


def test_bytes_that_are_no_text_stay_as_they_are():
    patch = b"+++ b/x\n+\xff\xfe\x00binary\r\n"
    assert redact_patch(patch) == (patch, [])


def test_files_named_like_secrets_are_found():
    paths = (
        ".env",
        "conf/.env.local",
        "id_ed25519",
        "a/server.pem",
        "src/keys.py",
        "docs/environment.md",
        "src/.envrc.py",
    )
    assert [each.file for each in secret_files(paths)] == [".env", "conf/.env.local", "id_ed25519", "a/server.pem"]


def test_settings_by_value_lose_their_secrets_and_nothing_else():
    address = "https://me:" + "s3cretpw@host/dump.zip"
    values = {"sources": {"a": {"location": address, "n": 1}}, "token": "abc12345", "names": ["x", None], "t": "13:00"}
    clean = redact_values(values)
    assert clean["sources"]["a"] == {"location": "https://me:[redacted: password in an address]@host/dump.zip", "n": 1}
    assert clean["token"] == "[redacted: quoted literal]"
    assert (clean["names"], clean["t"]) == (["x", None], "13:00")
