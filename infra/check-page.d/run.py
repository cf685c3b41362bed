"""Looks at the gateway's page with a browser.

usage: run.py ADDRESS READ-ONLY-ADDRESS

The node has to have the samples. Every check is a function of one of the modules beside this one; the exit code is 0 when
all went as they expect.
"""
import os
import sys
import time
import traceback

from playwright.sync_api import sync_playwright

import buttons
import deadletters
import families
import forms
import living
import night
import pages
import strangers
from visitor import Visitor


def checks():
    for module in (pages, night, families, forms, living, buttons, deadletters, strangers):
        for name, function in vars(module).items():
            if callable(function) and name.startswith("check_"):
                yield f"{module.__name__}.{name.removeprefix('check_')}", function


def main(address, looking):
    only = os.environ.get("CHECK_PAGE_ONLY", "")
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHECK_PAGE_CHROMIUM", "/usr/bin/chromium"),
            # A container's root has no sandbox to give; the pages are ours.
            args=["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else [],
        )
        for name, check in checks():
            if only not in name:
                continue
            start = time.monotonic()
            visitor = Visitor(browser, address, looking)
            try:
                check(visitor)
                visitor.expect_peace()
                print(f"ok      {name}  {time.monotonic() - start:.1f} s", flush=True)
            except Exception:  # whatever it is, the next check is worth a look
                failed.append(name)
                print(f"FAILED  {name}", flush=True)
                traceback.print_exc()
                visitor.picture(f"failed-{name}")
            finally:
                visitor.leave()
        browser.close()
    return failed


if __name__ == "__main__":
    wrong = main(*sys.argv[1:])
    if wrong:
        sys.exit(f"failed: {', '.join(wrong)}")
