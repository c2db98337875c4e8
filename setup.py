"""Everything about the package stands in settings.ini; this file hands it to setuptools."""
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser(delimiters=["="])
config.read(here / "settings.ini", encoding="utf-8")
cfg = config["DEFAULT"]

setup(
    name=cfg["repo"],
    version=cfg["version"],
    description=cfg["description"],
    long_description=(here / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    url=cfg["git_url"],
    author=cfg["author"],
    author_email=cfg["author_email"],
    license="MIT",
    license_files=["LICENSE"],
    keywords=cfg["keywords"],
    packages=find_packages(include=["imdb_bert", "imdb_bert.*"]),
    package_data={"imdb_bert": ["sample/*", "imdb_mini/*", "imdb_mini_sentiment/*", "imdb_mini_sentiment/*/*", "corpus/*", "report/*"]},
    python_requires=f">={cfg['min_python']}",
    install_requires=cfg["requirements"].split(),
    extras_require={name: cfg[f"{name}_requirements"].split() for name in ("analysis", "onnx", "openvino", "ray", "lora", "serve", "dev")},
    entry_points={
        "console_scripts": cfg["console_scripts"].split(),
        "nbdev": ["imdb_bert=imdb_bert._modidx:d"],
    },
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Natural Language :: English",
        "Programming Language :: Python :: 3",
        *[f"Programming Language :: Python :: 3.{v}" for v in (11, 12, 13, 14)],
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    zip_safe=False,
)
