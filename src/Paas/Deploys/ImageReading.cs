using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Paas.Oci;
using Paas.Releases;

namespace Paas.Deploys;

/// <summary>What an image says about running it: process types, ports, health check (OCI image-spec v1.1, config.md; CNB platform spec 0.15, "Build Metadata").</summary>
/// <param name="Processes">Process types with the command as people read it.</param>
/// <param name="Notes">What a person should know, one sentence each.</param>
internal sealed partial record ImageReading(IReadOnlyDictionary<string, string> Processes, bool Launcher, IReadOnlyList<int> Ports, ImageHealth? Health, IReadOnlyList<string> Notes)
{
    private const string BuildMetadata = "io.buildpacks.build.metadata";

    /// <summary>Docker's own where the image says nothing (Dockerfile reference, HEALTHCHECK).</summary>
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(30);

    /// <summary>As process types are named here: they become host names of instances.</summary>
    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex TypeGrammar { get; }

    /// <returns>Without processes when the image does not say what to run.</returns>
    public static ImageReading Of(ImageConfig config)
    {
        var run = config.Config ?? new RunConfig();
        var notes = new List<string>();
        var built = BuiltProcesses(run, notes);
        var command = string.Join(' ', (run.Entrypoint ?? []).Concat(run.Cmd ?? []).Select(Quoted));
        var processes = built ?? (command.Length > 0 ? new Dictionary<string, string> { ["web"] = command } : []);
        if (run.User is null or "" or "0" or "root" || run.User.StartsWith("0:", StringComparison.Ordinal) || run.User.StartsWith("root:", StringComparison.Ordinal))
        {
            notes.Add("The image runs as root: that is root inside the instance only, which has no rights on this server.");
        }

        return new ImageReading(processes, built is not null, PortsOf(run), HealthOf(run.Healthcheck, notes), notes);
    }

    /// <summary>Null: no buildpack made it, or its launcher is not what it starts.</summary>
    private static Dictionary<string, string>? BuiltProcesses(RunConfig run, List<string> notes)
    {
        if (run.Labels?.GetValueOrDefault(BuildMetadata) is not { } label || run.Entrypoint is not [var entrypoint, ..] || !entrypoint.StartsWith("/cnb/", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var all = JsonSerializer.Deserialize(label, ImageReadingJson.Default.BuiltImage)?.Processes ?? [];
            foreach (var odd in all.Where(process => !TypeGrammar.IsMatch(process.Type)))
            {
                notes.Add($"The image's process type '{State.Printable.Short(odd.Type)}' is left out: names here are lower-case letters, digits and '-'.");
            }

            var named = all.Where(process => TypeGrammar.IsMatch(process.Type)).DistinctBy(process => process.Type).ToDictionary(process => process.Type, process => process.Text, StringComparer.Ordinal);
            return named.Count > 0 ? named : null;
        }
        catch (JsonException)
        {
            notes.Add("What the image's buildpacks wrote about its process types cannot be read: it runs as its entrypoint says.");
            return null;
        }
    }

    /// <summary>"80/tcp", or "80" alone.</summary>
    private static int[] PortsOf(RunConfig run) =>
    [
        .. (run.ExposedPorts?.Keys ?? []).Select(port => port.Split('/'))
            .Where(parts => parts is [_] or [_, "tcp"])
            .Select(parts => int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number is > 0 and < 65536).Distinct().Order(),
    ];

    private static ImageHealth? HealthOf(HealthcheckConfig? check, List<string> notes)
    {
        string[] command = check?.Test?.ToArray() switch
        {
            null or [] or ["NONE", ..] => [],
            ["CMD", .. var args] => args,
            ["CMD-SHELL", var line] => ["/bin/sh", "-c", line],
            _ => Odd(notes),
        };
        return command.Length == 0 ? null : new ImageHealth(
            command, Duration(check!.Interval, UsualInterval), Duration(check.Timeout, UsualInterval), Duration(check.StartPeriod, TimeSpan.Zero));
    }

    private static string[] Odd(List<string> notes)
    {
        notes.Add("The image's health check is of a kind that is not known here, so it is left out: an instance is healthy when its port answers.");
        return [];
    }

    /// <param name="nanoseconds">0 and nonsense: the usual one.</param>
    private static TimeSpan Duration(long nanoseconds, TimeSpan usual) =>
        nanoseconds <= 0 ? usual : TimeSpan.FromTicks(Math.Clamp(nanoseconds / 100, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerHour));

    private static string Quoted(string argument) => argument.Length > 0 && !argument.Any(letter => char.IsWhiteSpace(letter) || letter is '"' or '\'') ? argument : $"'{argument}'";
}

/// <summary>The part of the label that is read.</summary>
internal sealed record BuiltImage([property: JsonPropertyName("processes")] IReadOnlyList<BuiltProcess>? Processes);

/// <param name="Command">A list since buildpack API 0.9, a string before.</param>
internal sealed record BuiltProcess(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("command")] JsonElement Command,
    [property: JsonPropertyName("args")] IReadOnlyList<string>? Args)
{
    [JsonIgnore]
    public string Text => string.Join(' ', (Command.ValueKind switch
    {
        JsonValueKind.String => [Command.GetString()!],
        JsonValueKind.Array => Command.EnumerateArray().Select(part => part.ToString()),
        _ => [],
    }).Concat(Args ?? []));
}

[JsonSerializable(typeof(BuiltImage))]
internal sealed partial class ImageReadingJson : JsonSerializerContext;
