using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Paas.State;

namespace Paas.Apps;

/// <summary>An app's name: a lower-case DNS label (RFC 1123, 2.1) of 1-63 characters that is not reserved. One that parsed is good.</summary>
public readonly partial record struct AppName
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "admin", "api", "app", "apps", "auth", "control", "dashboard", "docs", "edge", "git", "internal", "localhost",
        "login", "mail", "ns1", "ns2", "paas", "registry", "root", "smtp", "static", "status", "system", "www",
    };

    private readonly string? _text;

    private AppName(string text) => _text = text;

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    /// <exception cref="UserError">app_name_invalid or app_name_reserved.</exception>
    public static AppName Parse(string? text)
    {
        if (text is null || !Grammar.IsMatch(text) || text.Length != text.AsSpan().TrimEnd('\n').Length)
        {
            throw new UserError("app_name_invalid", 400, $"'{Printable.Short(text)}' cannot be an app's name: use 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit.");
        }

        return Reserved.Contains(text)
            ? throw new UserError("app_name_reserved", 400, $"'{text}' is reserved for the platform: choose another name.")
            : new AppName(text);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out AppName name)
    {
        try
        {
            name = Parse(text);
            return true;
        }
        catch (UserError)
        {
            name = default;
            return false;
        }
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("An app name that was never set.");
}
