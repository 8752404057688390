using System.Runtime.CompilerServices;
using Paas.Apps;
using Paas.Engine;

namespace Paas.Logs;

/// <summary>Values that must not be seen in an app's logs. Several may be registered: what is set now, and what releases carry.</summary>
public delegate IEnumerable<ConfigVar> SecretsOf(App app);

/// <summary>Lines of an app's instances, redacted as they are read (trust rule 8).</summary>
public sealed class AppLogs(IEngine engine, AppStore apps, IEnumerable<SecretsOf> secrets)
{
    /// <summary>Oldest first. A secret that is set while the lines are followed is redacted from then on.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(App app, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var generation = -1;
        var redactor = Redactor.Of([]);
        await foreach (var line in engine.LogsAsync(query, cancellationToken))
        {
            // The generation first: values that change in between are read again with the next line.
            var now = apps.ConfigGeneration;
            if (now != generation)
            {
                redactor = Redactor.Of([.. secrets.SelectMany(of => of(app))]);
                generation = now;
            }

            yield return line with { Text = redactor.Redact(line.Text) };
        }
    }
}
