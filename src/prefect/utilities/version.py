"""The version of this distribution, in one place and free to import."""

VERSION = "1.5.0.dev0"
