"""What is masked in what is kept of a failure, and what has to stay readable."""

from __future__ import annotations

import base64

import pytest

from lastgood.diffing import MASK
from lastgood.masking import PATTERNS, masked, values_to_mask, without_credentials

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

MASKED = {
    # keys and tokens that are known by how they look
    f"using key {KEY} now": "using key ***** now",
    KEY.partition("\n-----END")[0]: "*****",
    "MIIEpAIBAAKCAQEA7bq0x1x\nAAKCAQEA7bq0x1x22==\n-----END RSA PRIVATE KEY-----\nnext": "*****\nnext",
    '{"key":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"}': '{"key":"*****\\n"}',
    f"got {JWT}, which has expired": "got *****, which has expired",
    "id AKIAIOSFODNN7EXAMPLE is not allowed": "id ***** is not allowed",
    "push with ghp_16C7e42F292c6912E7710c838347Ae178B4a failed": "push with ***** failed",
    "clone with glpat-zk3nY4vX9wQ2tR7sUu1B": "clone with *****",
    "posting with xoxb-123456789012-abcdefABCDEF": "posting with *****",
    "charging with sk_live_4eC39HqLyjWDarjtT1zdp7dc": "charging with *****",
    # headers
    "Authorization: Basic dXNlcjpwYXNz": "Authorization: Basic *****",
    "> authorization: Bearer abc.def.ghi": "> authorization: Bearer *****",
    '{"Authorization":"Bearer abc123","Accept":"*/*"}': '{"Authorization":"Bearer *****","Accept":"*/*"}',
    "map[Authorization:[Bearer abc123] Accept:[*/*]]": "map[Authorization:[Bearer *****] Accept:[*/*]]",
    'Authorization: Digest username="a", response="6629fae4"': "Authorization: Digest *****",
    "Authorization: 0123456789abcdef0123": "Authorization: *****",
    "tried Bearer 0123456789abcdef0123456789 and failed": "tried Bearer ***** and failed",
    "X-Api-Key: 5f2b9c": "X-Api-Key: *****",
    "sent X-Api-Key: 5f2b9c and got 401": "sent X-Api-Key: ***** and got 401",
    "X-Vault-Token: s.abc": "X-Vault-Token: *****",
    "Cookie: session=abc; theme=dark": "Cookie: *****",
    "set-cookie: id=a3fWa; Max-Age=2592000": "set-cookie: *****",
    # assignments
    "password=hunter2": "password=*****",
    "DB_PASSWORD=hunter2 DB_HOST=db": "DB_PASSWORD=***** DB_HOST=db",
    "DB_PASS=hunter2": "DB_PASS=*****",
    "connecting with password = hunter2": "connecting with password = *****",
    'password="correct horse battery"': 'password="*****"',
    "password='it is \"quoted\"' user=me": "password='*****' user=me",
    '{"user":"me","password":"hunter2"}': '{"user":"me","password":"*****"}',
    '{\\"password\\":\\"hunter2\\",\\"user\\":\\"me\\"}': '{\\"password\\":\\"*****\\",\\"user\\":\\"me\\"}',
    "{'api_key': 'abc123'}": "{'api_key': '*****'}",
    r'{"password":"hunter\"2","user":"me"}': '{"password":"*****","user":"me"}',
    ":secret_key => 'abc123'": ":secret_key => '*****'",
    "spring.datasource.password: hunter2": "spring.datasource.password: *****",
    "{Host:db Password:hunter2 Port:5432}": "{Host:db Password:***** Port:5432}",
    "token: 9f86d081884c": "token: *****",
    "  clientSecret: abc123,": "  clientSecret: *****,",
    "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "aws_secret_access_key=*****",
    "AWS_SESSION_TOKEN=FwoGZXIvYXdzE": "AWS_SESSION_TOKEN=*****",
    "GET /v1/items?token=abc123&page=2 200": "GET /v1/items?token=*****&page=2 200",
    "https://store.example/a?sv=2022&sig=abc%3D&se=1": "https://store.example/a?sv=2022&sig=*****&se=1",
    "X-Amz-Signature=fe5f80&X-Amz-Date=1": "X-Amz-Signature=*****&X-Amz-Date=1",
    "running: app --password hunter2 --verbose": "running: app --password ***** --verbose",
    "exec migrate --db-token abc123": "exec migrate --db-token *****",
    # connection strings
    "postgres://shop:hunter2@db:5432/shop?sslmode=disable": "postgres://shop:*****@db:5432/shop?sslmode=disable",
    "amqp://shop:p@ss@mq:5672/": "amqp://shop:*****@mq:5672/",
    "redis://:hunter2@cache:6379/0": "redis://:*****@cache:6379/0",
    "git clone https://0123456789abcdef0123@git.example/x.git": "git clone https://*****@git.example/x.git",
    "shop:hunter2@tcp(db:3306)/shop": "shop:*****@tcp(db:3306)/shop",
    "Server=db;User Id=sa;Password=hunter2;Encrypt=true": "Server=db;User Id=sa;Password=*****;Encrypt=true",
    "AccountName=shop;AccountKey=abc123==;": "AccountName=shop;AccountKey=*****;",
    "host=db user=shop password=hunter2 dbname=shop": "host=db user=shop password=***** dbname=shop",
}

LEFT = (
    # sentences about credentials
    "fatal: DATABASE_PASSWORD is not set",
    "password authentication failed for user \"shop\"",
    "password: must be at least 8 characters",
    "token: unexpected end of JSON input",
    "SyntaxError: Unexpected token '}' in JSON at position 4",
    "invalid bearer token",
    "Bearer authentication is required here",
    "authorization: failed for user bob",
    "401 Unauthorized: no Authorization header",
    "Cookie: none was sent",
    "secret \"web-keys\" not found",
    "password=",
    'password=""',
    "password=*****",
    "token=<nil>",
    "token: null",
    "password=${DB_PASSWORD}",
    # what only begins or ends like one
    "max_tokens=4096 tokens=12",
    "token_count=5 tokenizer=bpe",
    "password_min_length=8",
    "passwords=3 secrets=2",
    "secretName: web-keys",
    "secretKeyRef: {name: web-keys, key: url}",
    "DB_PASSWORD_FILE=/run/secrets/db",
    "tests: pass=12 fail=0",
    "PWD=/app OLDPWD=/",
    "bypass=1 compass: north",
    "key=value apikeys=3",
    "if token == expected or password != given",
    "password := os.Getenv(name)",
    "PASSWORD_FILE: /run/secrets/password",
    # addresses, images and times
    "listening on http://0.0.0.0:8080/",
    "GET http://web:8080/users?mail=ann@example.org",
    "https://ann@example.org/inbox",
    "image registry.example/web:2: not found",
    "registry.example/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "2026-11-23T12:00:00Z level=info msg=\"started\" took=12ms",
    "user:group@host",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "sk-learn is here, eyJust.a.word",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
)  # fmt: skip


@pytest.mark.parametrize("text", MASKED)
def test_what_looks_like_a_credential_is_masked(text: str) -> None:
    assert MASKED[text] == without_credentials(text)


@pytest.mark.parametrize("text", LEFT)
def test_what_does_not_is_left(text: str) -> None:
    assert text == without_credentials(text)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda one: one.name)
def test_every_pattern_is_needed(pattern: object) -> None:
    """Without it one of the texts above would be shown."""
    others = [one for one in PATTERNS if one is not pattern]

    def shown(text: str) -> str:
        for one in others:
            text = one.expression.sub(one.shows, text)
        return text

    assert any(shown(text) != expected for text, expected in MASKED.items())


@pytest.mark.parametrize("text", MASKED)
def test_what_is_masked_once_stays_as_it_is(text: str) -> None:
    assert MASKED[text] == without_credentials(MASKED[text])


def encoded(**values: str) -> tuple[str, ...]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return values_to_mask([{"kind": "Secret", "data": data}])


def test_values_of_secrets_are_masked_as_written_and_as_read() -> None:
    secrets = encoded(url="s3cret-value")
    assert f"it is {MASK}, {MASK}" == masked("it is s3cret-value, czNjcmV0LXZhbHVl", secrets)


def test_the_longest_is_masked_first() -> None:
    assert MASK == masked("hunter2-and-more", encoded(a="hunter2-", b="hunter2-and-more"))


def test_short_values_are_masked_where_they_are_words() -> None:
    assert f"shopping in {MASK}: {MASK}_db" == masked("shopping in shop: shop_db", encoded(name="shop"))


def test_what_is_too_short_or_says_nothing_is_not_masked() -> None:
    assert "a1 is true, None" == masked("a1 is true, None", encoded(a="a1", b="true", c="none"))


def test_lines_of_a_longer_value_are_masked_by_themselves() -> None:
    """A program prints one line of the file that it was given."""
    secrets = encoded(file="[db]\nserver = 10.0.0.9 port 5432\n")
    assert f"bad setting: {MASK} in [db]" == masked("bad setting: server = 10.0.0.9 port 5432 in [db]", secrets)


def test_a_secret_that_is_not_text_is_masked_as_written() -> None:
    body = {"data": {"key": base64.b64encode(bytes(range(200, 230))).decode()}}
    assert MASK == masked(body["data"]["key"], values_to_mask([body]))
