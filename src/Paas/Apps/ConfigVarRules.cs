using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Paas.State;

namespace Paas.Apps;

/// <summary>What a config var may be.</summary>
internal static partial class ConfigVarRules
{
    private const int MaxName = 255;
    private const int MaxValueBytes = 32 * 1024;
    private const int MaxTotalBytes = 256 * 1024;

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar { get; }

    /// <exception cref="UserError">config_name_invalid or config_name_reserved.</exception>
    public static void CheckName(string name)
    {
        if (name.Length > MaxName || !NameGrammar.IsMatch(name))
        {
            throw new UserError("config_name_invalid", 400, $"'{Printable.Short(name)}' cannot be a config var's name: use up to {MaxName} letters, digits and '_', beginning with a letter or '_'.");
        }

        var reason = name switch
        {
            "PATH" or "HOME" => "the platform and the buildpacks set it",
            _ when name.StartsWith("CNB_", StringComparison.Ordinal) => "names with CNB_ belong to the buildpacks",
            _ when name.StartsWith("PAAS_", StringComparison.Ordinal) => "names with PAAS_ belong to the platform",
            _ => null,
        };
        if (reason is not null)
        {
            throw new UserError("config_name_reserved", 400, $"{name} cannot be set: {reason}. Choose another name.");
        }
    }

    /// <exception cref="UserError">config_value_invalid, config_value_too_large or config_port_invalid.</exception>
    public static void CheckValue(string name, string value)
    {
        // The web process is told it, and requests go there: another one than the usual is for programs that do not ask.
        if (name == "PORT" && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536))
        {
            throw new UserError("config_port_invalid", 400, "PORT is where the web process listens and requests go: give a number from 1 to 65535, or unset it for the usual one.");
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new UserError("config_value_invalid", 400, $"The value of {name} has a NUL character, which no environment can hold: encode it, for example with base64.");
        }

        if (Encoding.UTF8.GetByteCount(value) > MaxValueBytes)
        {
            throw new UserError("config_value_too_large", 400, $"The value of {name} is larger than 32 KB: keep it in a file of the app or in a store, and its address here.");
        }
    }

    /// <exception cref="UserError">config_too_large.</exception>
    public static void CheckTotal(IEnumerable<ConfigVar> all)
    {
        if (all.Sum(one => (long)one.Name.Length + Encoding.UTF8.GetByteCount(one.Value)) > MaxTotalBytes)
        {
            throw new UserError("config_too_large", 400, "The config vars of one app may have 256 KB together: remove some, or make their values shorter.");
        }
    }
}
