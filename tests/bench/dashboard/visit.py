"""What a visit of the dashboard costs. visit.py PLATFORM_URL SIGN_IN_LINK FOLDER COMMAND...: prints one number for each command.

first     KB over the wire of the first visit after signing in, nothing cached
apps      ms from the request to the whole page of the list of apps (median of 9)
click     ms from the click on a place to its heading (median of 12)
open50    CPU of control in % of a core with 50 open pages at rest, then the MB of all paasd that they add
"""
import os
import statistics
import sys
import time

from chromium import Chromium

platform, link, folder, *commands = sys.argv[1:]
browser = Chromium(os.path.join(folder, "profile"))
page = browser.open()


def go(address):
    browser.call("Page.enable", page)
    browser.call("Page.navigate", page, url=address)
    browser.until(page, "document.readyState === 'complete' && location.href !== 'about:blank'")


def sign_in():
    go(link)
    browser.evaluate(page, "document.querySelector('main form button, form button').click()")
    browser.until(page, "location.pathname === '/' && document.querySelector('h1') !== null")


def first():
    browser.call("Network.enable", page)
    browser.call("Network.clearBrowserCache", page)
    browser.call("Network.setCacheDisabled", page, cacheDisabled=True)
    browser.events.clear()
    go(platform + "/")
    time.sleep(3)
    browser.evaluate(page, "1")
    total = sum(event["params"].get("encodedDataLength", 0) for event in browser.events if event.get("method") == "Network.loadingFinished")
    browser.call("Network.setCacheDisabled", page, cacheDisabled=False)
    print(f"{total / 1024:.1f}")


def apps():
    script = "(async () => { const began = performance.now(); const answer = await fetch('/', {headers: {accept: 'text/html'}, cache: 'no-store'}); await answer.text(); return performance.now() - began; })()"
    print(f"{statistics.median(browser.evaluate(page, script) for _ in range(9)):.1f}")


def click():
    go(platform + "/")
    # Until the page has its circuit.
    time.sleep(3)
    times = []
    for number in range(14):
        # The rail's places have their heading as their name.
        place = ["Activity", "Apps"][number % 2]
        times.append(browser.evaluate(page, f"""new Promise((told, failed) => {{
            const link = [...document.querySelectorAll('nav a')].find(link => link.textContent.trim() === '{place}');
            if (!link) {{ failed(new Error('no place {place}')); return; }}
            const began = performance.now();
            const look = () => document.querySelector('h1')?.textContent.trim() === '{place}' ? told(performance.now() - began) : performance.now() - began > 20000 ? failed(new Error('{place} never came')) : setTimeout(look, 1);
            link.click();
            look();
        }})"""))
        time.sleep(0.3)
    print(f"{statistics.median(times[2:]):.1f}")


def processes():
    """Pids of this home's paasd, with their role."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environment, open(f"/proc/{pid}/cmdline", "rb") as line:
                words = line.read().split(b"\0")
                if words[0].endswith(b"/paasd") and f"PAAS_HOME={os.environ['PAAS_HOME']}".encode() in environment.read().split(b"\0"):
                    yield pid, words[1].decode()
        except OSError:
            pass


def memory():
    total = 0
    for pid, _ in processes():
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return total / 1024


def cpu():
    control = next(pid for pid, role in processes() if role == "control")
    with open(f"/proc/{control}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open50():
    time.sleep(15)
    before = memory()
    for session in [browser.open(platform + "/") for _ in range(50)]:
        browser.until(session, "document.readyState === 'complete' && document.querySelector('h1') !== null")
    time.sleep(20)
    began, used = time.monotonic(), cpu()
    time.sleep(30)
    share = (cpu() - used) / (time.monotonic() - began) * 100
    print(f"{share:.2f} {memory() - before:.1f}")


try:
    sign_in()
    for command in commands:
        {"first": first, "apps": apps, "click": click, "open50": open50}[command]()
        sys.stdout.flush()
finally:
    browser.close()
