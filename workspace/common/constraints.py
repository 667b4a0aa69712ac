"""Isolation and grants as model constraints: makemigrations writes, changes and removes them like any other."""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table

from workspace.common import roles

# A setting reads as '' (not NULL) once the transaction that set it has ended, hence nullif. The sub-select makes
# PostgreSQL evaluate it once a statement and not once a row.
CONTEXT = "(select nullif(current_setting('app.workspace', true), '')::uuid)"


class SqlConstraint(models.BaseConstraint):
    """A constraint whose SQL Django does not know: `create` and `remove` are templates over table, name, parts."""

    create = remove = ""

    def parts(self, model: type[models.Model]) -> dict[str, str]:
        """What the templates need beside table and name."""
        raise NotImplementedError

    def _statement(self, template: str, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> Statement:
        table = Table(model._meta.db_table, editor.quote_name)
        return Statement(template, table=table, name=editor.quote_name(self.name), **self.parts(model))

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]  # Django allows None here
        """Nothing inside CREATE TABLE: everything at the end of the migration, when all tables stand."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return self._statement(self.create, model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]
        return self._statement(self.remove, model, schema_editor)

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database decides."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqlConstraint) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class TenantIsolation(SqlConstraint):
    """Forced row level security by workspace, with the grants. A table that lacks it is denied to every role, not open.

    `beyond` says what a role may do with the rows of all workspaces: `{"atrium_sweep": "select, delete"}`.
    `append_only` leaves out update and delete for everyone who is not named there. `runner` is what atrium_runner may
    do inside a workspace, "" for nothing: only what writing and ending an answer needs.
    """

    create = (
        "alter table %(table)s enable row level security; alter table %(table)s force row level security; "
        "create policy tenant on %(table)s using (%(column)s = %(context)s) with check (%(column)s = %(context)s); "
        "grant %(verbs)s on %(table)s to atrium_web%(runner)s%(beyond)s"
    )
    remove = (
        "revoke all on %(table)s from atrium_web, atrium_runner, atrium_sweep; "
        "drop policy tenant on %(table)s%(drop)s; "
        "alter table %(table)s no force row level security; alter table %(table)s disable row level security"
    )

    def __init__(
        self,
        *,
        name: str,
        column: str = "workspace_id",
        beyond: dict[str, str] | None = None,
        append_only: bool = False,
        runner: str = "select",
    ) -> None:
        super().__init__(name=name)
        self.column, self.beyond, self.append_only, self.runner = column, beyond or {}, append_only, runner

    def parts(self, model: type[models.Model]) -> dict[str, str]:
        table = f'"{model._meta.db_table}"'
        rules = [(role, verb.strip()) for role, verbs in self.beyond.items() for verb in verbs.split(",")]
        made = "".join(
            f"; grant {verb} on {table} to {role}; create policy {role}_{verb} on {table} for {verb} to {role} "
            + ("with check (true)" if verb == "insert" else "using (true)")
            for role, verb in rules
        )
        dropped = "".join(f"; drop policy {role}_{verb} on {table}" for role, verb in rules)
        verbs = "select, insert" if self.append_only else "select, insert, update, delete"
        runner = f"; grant {self.runner} on {table} to {roles.RUNNER}" if self.runner else ""
        granted = {"verbs": verbs, "runner": runner, "beyond": made}
        return {"column": self.column, "context": CONTEXT, "drop": dropped, **granted}

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        named = {"column": self.column, "beyond": self.beyond, "append_only": self.append_only, "runner": self.runner}
        return path, args, {**kwargs, **named}


class Reference(SqlConstraint):
    """The composite foreign key (workspace_id, <field>_id) -> (workspace_id, id). The ForeignKey: db_constraint=False.

    A plain key would let a row point into another workspace. Under FORCE the owner's own validation query sees no rows,
    so a violated key would be marked valid: FORCE is lifted for the statement, and restored in the same transaction.
    """

    create = (
        "alter table %(table)s no force row level security; alter table %(parent)s no force row level security; "
        "alter table %(table)s add constraint %(name)s foreign key (workspace_id, %(column)s) "
        "references %(parent)s (workspace_id, id)%(action)s deferrable initially deferred; "
        "alter table %(table)s force row level security; alter table %(parent)s force row level security"
    )
    remove = "alter table %(table)s drop constraint %(name)s"

    def __init__(self, field: str, *, name: str, on_delete: str = "") -> None:
        super().__init__(name=name)
        self.field, self.on_delete = field, on_delete

    def parts(self, model: type[models.Model]) -> dict[str, str]:
        field: Any = model._meta.get_field(self.field)
        # The column list leaves workspace_id alone when the parent goes.
        actions = {"": "", "cascade": " on delete cascade", "set null": f' on delete set null ("{field.column}")'}
        parent = field.remote_field.model._meta.db_table
        return {"column": f'"{field.column}"', "parent": f'"{parent}"', "action": actions[self.on_delete]}

    def deconstruct(self) -> Any:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), {**kwargs, "on_delete": self.on_delete}


class Grants(SqlConstraint):
    """The grants of a table that belongs to no workspace (the user, for one): {role: verbs}."""

    create = "%(grants)s"
    remove = "revoke all on %(table)s from atrium_web, atrium_runner, atrium_sweep"

    def __init__(self, *, name: str, grants: dict[str, str]) -> None:
        super().__init__(name=name)
        self.grants = grants

    def parts(self, model: type[models.Model]) -> dict[str, str]:
        table = f'"{model._meta.db_table}"'
        return {"grants": "; ".join(f"grant {verbs} on {table} to {role}" for role, verbs in self.grants.items())}

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "grants": self.grants}
