"""Where the files of the project are."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
