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

    return f"psycopg2 {psycopg2.__version__}\n"


@app.get("/größe")
def size():
    return "übergroß\n"
