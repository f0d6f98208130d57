#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""poll.py URL TOKENS DATABASE SECONDS: records what the accounts of the file TOKENS play, as a script does it.

One account after the other, each once in so many seconds.
"""

import sqlite3
import sys
import time
from pathlib import Path

import requests

url, token_file, database, interval = sys.argv[1:5]
session = requests.Session()
session.headers["User-Agent"] = "python-peer"
db = sqlite3.connect(database, isolation_level=None)
db.executescript(Path(__file__).with_name("poll.sql").read_text())


def refresh(token):
    answer = requests.post(
        url + "/api/token",
        data={"grant_type": "refresh_token", "refresh_token": token, "client_id": "sim-client-id"},
        timeout=30,
    )
    answer.raise_for_status()
    answer = answer.json()
    return {"token": answer["access_token"], "until": time.time() + answer["expires_in"] - 60}


def record(user, page):
    tracks, plays = [], []
    for item in page["items"]:
        track = item["track"]
        tracks.append(
            (
                track["uri"],
                track["name"],
                ", ".join(artist["name"] for artist in track["artists"]),
                track["album"]["name"],
                track["duration_ms"],
                track.get("external_ids", {}).get("isrc"),
            )
        )
        context = item["context"]
        plays.append((user, item["played_at"], track["uri"], context and context["uri"]))
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR IGNORE INTO tracks VALUES (?, ?, ?, ?, ?, ?)", tracks)
    db.executemany("INSERT OR IGNORE INTO plays VALUES (?, ?, ?, ?)", plays)
    db.execute("COMMIT")


def poll(user, account):
    if "until" not in account or account["until"] < time.time():
        account.update(refresh(account["refresh"]))
    answer = session.get(
        url + "/v1/me/player/recently-played",
        params={"limit": 50},
        headers={"Authorization": "Bearer " + account["token"]},
        timeout=30,
    )
    answer.raise_for_status()
    record(user, answer.json())


def main():
    accounts = [{"refresh": line.split()[1]} for line in Path(token_file).read_text().splitlines()]
    due = time.monotonic()
    while True:
        for user, account in enumerate(accounts):
            poll(user, account)
            due += float(interval) / len(accounts)
            time.sleep(max(0, due - time.monotonic()))


main()
