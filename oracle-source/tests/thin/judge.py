"""An outside judge: python-oracledb's own thin driver asks the same server the same questions.

    judge.py PORT < a JSON array of queries

Prints a JSON array with the rows of each, their values as text or null, in the form of tests/it/drivers.rs: numbers as plain decimals, bytes as
hexadecimal digits, times with nine digits of their seconds.
"""

import datetime
import decimal
import json
import os
import sys

import oracledb

oracledb.defaults.fetch_decimals = True
oracledb.defaults.fetch_lobs = False
decimal.getcontext().prec = 200


def text(value):
    match value:
        case None | str():
            return value
        case bytes():
            return value.hex()
        case decimal.Decimal():
            return format(value.normalize(), "f") if value else "0"
        case float():
            return repr(value).replace("e+", "e")
        case oracledb.IntervalYM():
            return f"{value.years * 12 + value.months} months"
        case datetime.datetime():
            return value.isoformat(" ", "microseconds") + "000"
        case _:
            return str(value)


connection = oracledb.connect(user="hr", password=os.environ["STANDIN_PASSWORD"], dsn=f"127.0.0.1:{sys.argv[1]}/standin")
answers = []
for query in json.load(sys.stdin):
    cursor = connection.cursor()
    cursor.arraysize = 7
    cursor.execute(query)
    answers.append([[text(value) for value in row] for row in cursor])
json.dump(answers, sys.stdout)
