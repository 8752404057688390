using System.Text;
using System.Text.RegularExpressions;
using Paas.State;

namespace Paas.Apps;

/// <summary>A service binding (servicebinding.io 1.1, "Workload Projection"): a folder of small files that buildpacks find under platform/bindings
/// (CNB platform spec 0.15, "Bindings"), one of them named "type".</summary>
/// <param name="Files">Texts by file name, decrypted; "type", where given "provider", and the rest.</param>
public sealed partial record Binding(string Name, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>Of one app.</summary>
    public const int Most = 50;

    private const int MaxName = 253;
    private const int MaxFiles = 100;
    private const int MaxBytes = 256 << 10;

    public string Actor { get; init; } = "";

    public DateTimeOffset UpdatedAt { get; init; }

    public string Type => Files["type"];

    public string? Provider => Files.GetValueOrDefault("provider");

    /// <summary>As what logs are cleaned of; type and provider are no secrets.</summary>
    public static IEnumerable<ConfigVar> SecretsOf(Binding binding) =>
        binding.Files.Where(file => file.Key is not ("type" or "provider")).Select(file => new ConfigVar(file.Key, file.Value, RunOnly: false, Plain: false));

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar { get; }

    /// <exception cref="UserError">binding_invalid.</exception>
    public static Binding Of(string name, string type, string? provider, IReadOnlyDictionary<string, string> entries)
    {
        if (name.Length > MaxName || !NameGrammar.IsMatch(name))
        {
            throw Invalid($"'{Printable.Short(name)}' cannot be a binding's name: letters, digits, '.', '_' and '-', with a letter or digit at both ends.");
        }

        if (string.IsNullOrWhiteSpace(type) || type.Any(char.IsControl))
        {
            throw Invalid($"The binding {name} needs a type, by which buildpacks find it: --type ca-certificates, for example.");
        }

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["type"] = type.Trim() };
        if (!string.IsNullOrWhiteSpace(provider))
        {
            files["provider"] = provider.Trim();
        }

        foreach (var (key, text) in entries)
        {
            if (key.Length > MaxName || !NameGrammar.IsMatch(key) || key is "type" or "provider")
            {
                throw Invalid(key is "type" or "provider"
                    ? $"The {key} of a binding has an option of its own: --{key}."
                    : $"'{Printable.Short(key)}' cannot be a file of a binding: letters, digits, '.', '_' and '-', with a letter or digit at both ends.");
            }

            files[key] = text ?? "";
        }

        return files.Count > MaxFiles || files.Sum(file => Encoding.UTF8.GetByteCount(file.Value)) > MaxBytes
            ? throw Invalid($"The binding {name} is larger than {MaxFiles} files or {MaxBytes >> 10} KB: keep large files in the repository.")
            : new Binding(name, files);
    }

    private static UserError Invalid(string sentence) => new("binding_invalid", 400, sentence);
}
