#!/usr/bin/python3
"""Draws the five procedures' pictures for the README: config/procedures/NAME.svg.

usage: config/procedures/draw.py CONCERNCTL

Each is the strip that `concernctl simulate --html` draws of one silent disagreement, with the
page's own style, so that it stands alone.
"""
import os
import re
import subprocess
import sys
import tempfile

PLAYS = {  # the timelines that the documents' readers would ask about first
    "plcsab-adults": ("2026-12-18 16:59", "2027-01-18 12:00"),
    "lscb-children": ("2027-02-12 16:59", "2027-02-26 12:00"),
    "somerset-adults": ("2027-04-06 09:00", "2027-04-30 12:00"),
    "rochdale-adults": ("2026-12-28 11:00", "2027-02-12 12:00"),
    "worcestershire-annex-c": ("2027-03-26 23:30", "2027-04-09 12:00"),
}


def strip(page):
    """The page's drawings, one below the other, with the page's style inside."""
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    drawings, top = [], 0.0
    for drawing in re.findall(r"<svg.*?</svg>", page, re.S):
        width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawing).groups()
        opening, rest = drawing.split(">", 1)
        drawings.append(f'{opening} y="{top:g}" width="{width}" height="{height}">{rest}')
        top += float(height)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top:g}">'
            f"<style>{style} svg {{ background: #fff; font-family: sans-serif }}</style>"
            '<rect width="100%" height="100%" fill="#fff"/>' + "\n".join(drawings) + "</svg>\n")


def main():
    concernctl = os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    for name, (raised, until) in PLAYS.items():
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "page.html")
            subprocess.run([concernctl, "simulate", "--procedure", os.path.join(here, name + ".yaml"),
                            "--raised", raised, "--until", until, "--html", page],
                           check=True, stdout=subprocess.DEVNULL)
            with open(page) as file:
                drawing = strip(file.read())
        with open(os.path.join(here, name + ".svg"), "w") as file:
            file.write(drawing)


main()
