"""A server of Oracle's network protocol over a database of the stand-in.

The protocol is seerdb's; every statement goes to `oracle-standin serve`, and its values come back as the bytes that the protocol carries, so
that nothing is rounded on the way. Prints the port that it listens at, and ends with its standard input. With a file of certificate and key
it speaks TLS; the clients' certificates must be of an issuer in the second file, if there is one.

    STANDIN_PASSWORD=… server.py ORACLE_STANDIN DATABASE USER [PEM [ISSUERS]]
"""

import dataclasses
import json
import os
import ssl
import struct
import subprocess
import sys
import threading

import seerdb.server.session
from seerdb.common.crypto import VFR_12C_SHA2
from seerdb.common.tns_consts import FIELD_VERSION_19_1
from seerdb.server import BackendError, BindVar, ColumnMeta, Result, Server
from seerdb.server.identity import server_identity

AL16UTF16, AL32UTF8 = 2000, 873

# seerdb shows thin clients the 11g verifier of a password, whatever the version. Servers from 12.1 on have the 12c one, and the crate oracledb
# knows no other. With seerdb's form of it, which is that for thick clients, python-oracledb's thin one fails: it keeps the 11g one.
client = threading.local()
make_challenge = seerdb.server.session.make_challenge


def challenge(secret, **options):
    if "python" not in client.program:
        options["verifier_type"] = VFR_12C_SHA2
    return make_challenge(secret, **options)


seerdb.server.session.make_challenge = challenge


class Standin:
    """A session of the stand-in, as seerdb wants a backend."""

    capabilities = frozenset()
    # A server of 12.1 or later, which the thin drivers ask for.
    field_version = FIELD_VERSION_19_1

    def __init__(self, program, database, user, password):
        self.command = [program, "serve", database, user]
        self.user, self.password = user, password
        self.process = None

    def set_client_identity(self, identity):
        client.program = identity.get("program", "")

    def authenticate(self, username):
        return self.password if username.upper() == self.user.upper() else None

    def ask(self, sql, binds=()):
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        request = json.dumps({"sql": sql, "binds": [bound(bind) for bind in binds]})
        self.process.stdin.write(request.encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            error = answer["error"]
            raise BackendError(error["message"], ora_code=error["code"], error_offset=error["offset"])
        return answer

    def execute(self, sql, binds=()):
        answer = self.ask(sql, binds)
        if "columns" not in answer:
            return Result(rowcount=answer["affected"])
        columns = answer["columns"]
        rows = [tuple(value(column, cell) for column, cell in zip(columns, row)) for row in answer["rows"]]
        return Result(columns=[meta(column) for column in columns], rows=rows)

    def session_release(self):
        # 19.3: seerdb packs the number as servers before 18 do, and clients of this field version read it as later ones pack it.
        return dataclasses.replace(server_identity(self.field_version), version_no=19 << 24 | 3 << 16)

    def alter_session(self, statement):
        self.ask(statement)

    def ping(self):
        self.ask("SELECT 1 FROM dual")

    def commit(self):
        self.ask("COMMIT")

    def rollback(self):
        self.ask("ROLLBACK")

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


class Clob(str):
    """A CLOB's text. Its length is in Oracle's characters, UTF-16 code units, which seerdb takes `len` for."""

    def __len__(self):
        return len(self.encode("utf-16-be")) // 2


def bound(bind):
    if isinstance(bind, BindVar):
        bind = bind.value
    if bind is None:
        return None
    return {"text": bind} if isinstance(bind, str) else {"number": str(bind)}


def meta(column):
    # A text's length is its bytes, and its characters are told beside it.
    national = column["national"]
    return ColumnMeta(
        name=column["name"].encode(),
        data_type=column["type"],
        data_length=column["size"],
        max_size=column["chars"] or column["size"],
        charset=AL16UTF16 if national else AL32UTF8,
        csfrm=2 if national else 1,
        precision=column["precision"],
        scale=column["scale"],
        null_ok=int(column["nullable"]),
    )


def value(column, cell):
    if cell is None:
        return None
    raw = bytes.fromhex(cell)
    match column["type"]:
        case 112:  # CLOB
            return Clob(raw.decode())
        case 8:  # LONG
            return raw.decode()
        case 100:  # BINARY_FLOAT
            return struct.unpack(">f", raw)[0]
        case 101:  # BINARY_DOUBLE
            return struct.unpack(">d", raw)[0]
        case _:
            # seerdb frames bytes as they are, whatever the column's type.
            return raw


def main():
    program, database, user, *pem = sys.argv[1:]
    password = os.environ["STANDIN_PASSWORD"]
    tls = None
    if pem:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pem[1] if pem[1:] else None)
        tls.load_cert_chain(pem[0])
        tls.verify_mode = ssl.CERT_REQUIRED if pem[1:] else ssl.CERT_NONE
    server = Server(port=0, backend_factory=lambda: Standin(program, database, user, password), ssl_context=tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    sys.stdin.read()
    server.close()


main()
