"""In which language, brightness and time zone a person wants the pages."""

from django.db import migrations, models

LANGUAGES = [("", "As the browser asks"), ("en", "English"), ("ja", "日本語")]
THEMES = [("system", "As the device is set"), ("light", "Light"), ("dark", "Dark")]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_owner_link")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, choices=LANGUAGES, db_default="", default="", max_length=8),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(choices=THEMES, db_default="system", default="system", max_length=8),
        ),
    ]
