"""One downward chain, for imports, templates, foreign keys and migrations alike."""

import re
import subprocess
import sys
from pathlib import Path

from tests.architecture import tree

LINK = re.compile(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""")
TEMPLATE_SUFFIXES = {".html", ".txt", ".md"}


def templates() -> list[Path]:
    return [path for path in tree.files() if "templates" in path.parts and path.suffix in TEMPLATE_SUFFIXES]


def namespace(path: Path) -> str:
    return path.parts[path.parts.index("templates") + 1]


def test_rooms_import_only_downward() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = [sys.executable, "-c", command, "--no-cache", "--no-logo"]

    done = subprocess.run(arguments, cwd=tree.ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_templates_extend_and_include_only_downward() -> None:
    upward = [
        f"{path} -> {target}"
        for path in templates()
        for target in LINK.findall(tree.text(path))
        if tree.height(target.split("/")[0]) > tree.height(tree.room(path))
    ]

    assert not upward


def test_a_template_lies_under_the_name_of_its_room_or_of_what_it_replaces() -> None:
    strayed = [
        str(path) for path in templates() if namespace(path) in tree.ROOMS and namespace(path) != tree.room(path)
    ]

    assert not strayed


def test_foreign_keys_point_downward() -> None:
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in tree.tables()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if tree.height(tree.room_of_app(field.related_model._meta.app_label))
        > tree.height(tree.room_of_app(model._meta.app_label))
    ]

    assert not upward


def test_the_ground_has_no_foreign_keys() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in tree.tables()
        if tree.room_of_app(model._meta.app_label) == "common"
        for field in model._meta.local_fields
        if field.is_relation
    ]

    assert not found


def test_migrations_depend_only_downward() -> None:
    from django.db.migrations.loader import MigrationLoader

    ours = {app.label for app in tree.apps()}
    upward = [
        f"{label}.{name} -> {parent}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        if label in ours
        for parent, _ in migration.dependencies
        if tree.height(tree.room_of_app(parent)) > tree.height(tree.room_of_app(label))
    ]

    assert not upward


def test_migrations_are_named_by_a_person() -> None:
    automatic = re.compile(r"^\d{4}_(auto_|alter_|remove_|rename_|delete_|add_\w+_and_more)|_and_more$")

    assert not [str(path) for path in tree.python_files() if "migrations" in path.parts and automatic.search(path.stem)]
