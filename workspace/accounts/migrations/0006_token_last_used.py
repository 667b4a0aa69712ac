"""When an access token was last used."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_browser_sessions")]
    operations = [
        migrations.AddField(model_name="accesstoken", name="last_used_at", field=models.DateTimeField(null=True))
    ]
