import os
import sys

from flask import Flask, render_template

app = Flask(__name__)


@app.get("/")
def hello():
    return render_template("hello.html", version=f"{sys.version_info.major}.{sys.version_info.minor}", workers=os.environ.get("WEB_CONCURRENCY"))


@app.get("/database")
def database():
    import psycopg2
    from psycopg2.extensions import libpq_version

    url = os.environ.get("DATABASE_URL")
    if not url:
        return f"psycopg2 {psycopg2.__version__.split()[0]} with libpq {libpq_version() // 10000}, but no DATABASE_URL\n"
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("create table if not exists visits (name text primary key, count int not null)")
        cursor.execute("insert into visits values (%s, 1) on conflict (name) do update set count = visits.count + 1 returning count", ("größe",))
        return f"visit {cursor.fetchone()[0]}, kept by PostgreSQL {connection.server_version // 10000}\n"


@app.get("/größe")
def size():
    return "übergroß\n"
