using System.Buffers;
using System.Text;
using Paas.Apps;

namespace Paas.Logs;

/// <summary>Takes known secret values out of log lines (trust rule 8): 8 characters or more, of vars not marked plain;
/// of a value with several lines each line that long.</summary>
public sealed class Redactor
{
    public const string Mark = "[redacted]";

    private const int LeastLength = 8;

    private readonly string[] _secrets;
    private readonly SearchValues<string> _any;

    private Redactor(string[] secrets)
    {
        _secrets = secrets;
        _any = SearchValues.Create(secrets, StringComparison.Ordinal);
    }

    /// <summary>For these vars; the same value in several of them counts once.</summary>
    public static Redactor Of(IEnumerable<ConfigVar> vars) => new(
    [
        .. vars.Where(item => !item.Plain)
            .SelectMany(item => item.Value.Split('\n', StringSplitOptions.TrimEntries))
            .Where(line => line.Length >= LeastLength)
            .Distinct(StringComparer.Ordinal),
    ]);

    /// <summary>The line itself when it holds no secret. Secrets that overlap leave nothing of either.</summary>
    public string Redact(string line)
    {
        if (_secrets.Length == 0 || !line.AsSpan().ContainsAny(_any))
        {
            return line;
        }

        var hidden = new bool[line.Length];
        foreach (var secret in _secrets)
        {
            for (var at = line.IndexOf(secret, StringComparison.Ordinal); at >= 0; at = line.IndexOf(secret, at + 1, StringComparison.Ordinal))
            {
                hidden.AsSpan(at, secret.Length).Fill(true);
            }
        }

        var text = new StringBuilder(line.Length);
        for (var at = 0; at < line.Length; at++)
        {
            if (!hidden[at])
            {
                text.Append(line[at]);
            }
            else if (at == 0 || !hidden[at - 1])
            {
                text.Append(Mark);
            }
        }

        return text.ToString();
    }
}
