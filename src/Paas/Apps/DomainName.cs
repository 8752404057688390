using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Paas.State;

namespace Paas.Apps;

/// <summary>A host name that an app may answer for: at least two DNS labels, lower case, ASCII (RFC 1123, 2.1). One that parsed is good.</summary>
public readonly partial record struct DomainName
{
    private readonly string? _text;

    private DomainName(string text) => _text = text;

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar { get; }

    /// <exception cref="UserError">domain_invalid.</exception>
    public static DomainName Parse(string? text)
    {
        var name = (text ?? "").Trim().TrimEnd('.').ToLowerInvariant();
        if (name.Any(letter => letter > '\x7f'))
        {
            throw new UserError("domain_invalid", 400, $"'{Printable.Short(name)}' has letters beyond ASCII: give its punycode form{Punycode(name)}.");
        }

        if (IPAddress.TryParse(name, out _))
        {
            throw new UserError("domain_invalid", 400, $"'{Printable.Short(name)}' is an address, not a domain: give a host name like www.example.com.");
        }

        return name.Length <= 253 && Grammar.IsMatch(name) && !char.IsAsciiDigit(name[^1])
            ? new DomainName(name)
            : throw new UserError("domain_invalid", 400, $"'{Printable.Short(text)}' is not a domain: give a host name like www.example.com, without scheme, port or path.");
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("A domain that was never set.");

    private static string Punycode(string name)
    {
        try
        {
            return $", '{new IdnMapping().GetAscii(name)}'";
        }
        catch (ArgumentException)
        {
            return "";
        }
    }
}
