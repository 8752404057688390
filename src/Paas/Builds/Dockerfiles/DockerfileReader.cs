using System.Text.RegularExpressions;
using Paas.Oci;

namespace Paas.Builds.Dockerfiles;

/// <summary>Reads of a Dockerfile what <see cref="Dockerfile"/> holds.</summary>
internal sealed partial class DockerfileReader
{
    private const string Scratch = "scratch";

    /// <summary>Dockerfile reference, "Overview".</summary>
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    };

    private readonly DockerfileLines _lines;
    private readonly string _name;
    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly Dictionary<string, string> _global;
    private readonly List<OpenStage> _stages = [];
    private readonly HashSet<string> _arguments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    private DockerfileReader(string name, string text, IReadOnlyDictionary<string, string> given)
    {
        (_name, _lines, _given) = (name, DockerfileLines.Of(name, text), given);
        var platform = $"linux/{Images.Architecture}";
        // Dockerfile reference, "Automatic platform ARGs in the global scope": one platform, as no other can be run here.
        _global = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BUILDPLATFORM"] = platform,
            ["BUILDOS"] = "linux",
            ["BUILDARCH"] = Images.Architecture,
            ["BUILDVARIANT"] = "",
            ["TARGETPLATFORM"] = platform,
            ["TARGETOS"] = "linux",
            ["TARGETARCH"] = Images.Architecture,
            ["TARGETVARIANT"] = "",
        };
    }

    [GeneratedRegex(@"^--(?<flag>[a-z-]+)(=(?<value>\S*))?(\s+|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Flag { get; }

    [GeneratedRegex(@"^(?<image>\S+)(\s+(?i:as)\s+(?<name>\S+))?\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex FromRest { get; }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex StageName { get; }

    /// <summary>NAME, NAME=word, NAME="two words".</summary>
    [GeneratedRegex("""(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<set>=(?<value>("([^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'])*))?(?=\s|\z)""", RegexOptions.CultureInvariant)]
    private static partial Regex Argument { get; }

    /// <param name="name">Its path in the repository.</param>
    /// <param name="given">Build arguments by name: they win over the Dockerfile's own values.</param>
    /// <exception cref="BuildFailureException">dockerfile_invalid, with the line.</exception>
    public static Dockerfile Read(string name, string text, IReadOnlyDictionary<string, string> given) => new DockerfileReader(name, text, given).Read();

    private Dockerfile Read()
    {
        foreach (var instruction in _lines.Read())
        {
            Take(instruction);
        }

        return _stages.Count > 0
            ? new Dockerfile(_name, [.. _stages.Select(stage => new DockerfileStage(stage.Name, stage.Images, [.. stage.Stages]))], _arguments, _secrets)
            : throw new BuildFailureException("dockerfile_invalid", $"{_name} has no FROM: its first instruction says which image the app is built on, or 'FROM scratch'.");
    }

    private void Take(DockerfileInstruction instruction)
    {
        if (!Words.Contains(instruction.Word))
        {
            throw _lines.Fault(instruction.Line, $"'{State.Printable.Short(instruction.Word)}' is no instruction");
        }

        if (_stages.Count == 0 && instruction.Word is not ("FROM" or "ARG"))
        {
            throw _lines.Fault(instruction.Line, $"{instruction.Word} stands before the first FROM, where only ARG may stand");
        }

        if (instruction.Rest.Length == 0)
        {
            throw _lines.Fault(instruction.Line, $"{instruction.Word} needs something after it");
        }

        try
        {
            switch (instruction.Word)
            {
                case "FROM":
                    From(instruction);
                    break;
                case "ARG":
                    Declare(instruction);
                    break;
                case "COPY" or "ADD":
                    foreach (var value in Flags(instruction.Rest).Where(flag => flag.Name == "from").Select(flag => flag.Value))
                    {
                        Use(value, instruction.Line);
                    }

                    break;
                case "RUN":
                    Mounts(instruction);
                    break;
            }
        }
        catch (FormatException fault)
        {
            throw _lines.Fault(instruction.Line, fault.Message);
        }
    }

    private void From(DockerfileInstruction instruction)
    {
        var rest = instruction.Rest;
        var variables = new DockerfileVariables(_global, _lines.Escape);
        foreach (var (flag, value) in Flags(rest))
        {
            if (flag != "platform")
            {
                throw new FormatException($"FROM has no flag --{flag}");
            }

            CheckPlatform(variables.Expand(value));
        }

        if (FromRest.Match(WithoutFlags(rest)) is not { Success: true } match)
        {
            throw new FormatException("FROM is written 'FROM image' or 'FROM image AS name'");
        }

        var written = match.Groups["image"].Value;
        var name = match.Groups["name"] is { Success: true, Value: var given } ? given : null;
        if (name is not null && !StageName.IsMatch(name))
        {
            throw new FormatException($"'{State.Printable.Short(name)}' cannot be the name of a stage: a letter, then letters, digits, '_', '.' and '-'");
        }

        var image = variables.Expand(written);
        var stage = new OpenStage(name);
        if (image.Length == 0)
        {
            throw new FormatException($"FROM {State.Printable.Short(written)} names no image: give the ARG a value before it, or set a config var of that name");
        }

        // A number is no stage here: "FROM 0" would be an image of that name.
        if (FindStage(image, numbers: false) is { } other)
        {
            stage.Stages.Add(other);
        }
        else if (image != Scratch)
        {
            stage.Images.Add(new DockerfileImage(written, image, instruction.Line));
        }

        _stages.Add(stage);
    }

    private static void CheckPlatform(string platform)
    {
        var mine = $"linux/{Images.Architecture}";
        if (platform.Length > 0 && platform != mine && !platform.StartsWith(mine + "/", StringComparison.Ordinal) && platform != "linux")
        {
            throw new FormatException($"it wants an image for {State.Printable.Short(platform)}, but this server builds and runs {mine}");
        }
    }

    private void Declare(DockerfileInstruction instruction)
    {
        var matches = Argument.Matches(instruction.Rest);
        if (matches.Count == 0 || Argument.Replace(instruction.Rest, "").Trim().Length > 0)
        {
            throw new FormatException("ARG is written 'ARG NAME' or 'ARG NAME=value'");
        }

        foreach (Match match in matches)
        {
            var name = match.Groups["name"].Value;
            _arguments.Add(name);
            if (_stages.Count > 0)
            {
                continue;
            }

            if (_given.TryGetValue(name, out var value))
            {
                _global[name] = value;
            }
            else if (match.Groups["set"].Success)
            {
                _global[name] = new DockerfileVariables(_global, _lines.Escape).Expand(match.Groups["value"].Value);
            }
        }
    }

    /// <summary>RUN --mount=type=bind,from=image,...; --mount=type=secret,id=NAME.</summary>
    private void Mounts(DockerfileInstruction instruction)
    {
        foreach (var (_, value) in Flags(instruction.Rest).Where(flag => flag.Name == "mount"))
        {
            var options = value.Split(',').Select(option => option.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last() is [_, var set] ? set : "");
            if (options.GetValueOrDefault("from") is { Length: > 0 } from)
            {
                Use(from, instruction.Line);
            }

            if (options.GetValueOrDefault("type") == "secret" && (options.GetValueOrDefault("id") ?? Path.GetFileName(options.GetValueOrDefault("target"))) is { Length: > 0 } id)
            {
                _secrets.Add(id.Trim('"'));
            }
        }
    }

    /// <summary>A stage by name or number, else an image.</summary>
    private void Use(string from, int line)
    {
        from = from.Trim('"');
        if (FindStage(from, numbers: true) is { } stage)
        {
            _stages[^1].Stages.Add(stage);
        }
        else if (from != Scratch && from.Length > 0)
        {
            _stages[^1].Images.Add(new DockerfileImage(from, new DockerfileVariables(_global, _lines.Escape).Expand(from), line));
        }
    }

    private int? FindStage(string name, bool numbers)
    {
        if (numbers && int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            // The stage that copies is open already: it cannot be its own source.
            var before = _stages.Count - 1;
            return number < before ? number : throw new FormatException(FormattableString.Invariant($"there is no stage {number} before this one, which is stage {before}"));
        }

        var index = _stages.FindLastIndex(stage => stage.Name is { } other && other.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index;
    }

    private static string WithoutFlags(string rest)
    {
        while (Flag.Match(rest) is { Success: true } match)
        {
            rest = rest[match.Length..];
        }

        return rest;
    }

    private static List<(string Name, string Value)> Flags(string rest)
    {
        var flags = new List<(string, string)>();
        while (Flag.Match(rest) is { Success: true } match)
        {
            flags.Add((match.Groups["flag"].Value, match.Groups["value"].Value));
            rest = rest[match.Length..];
        }

        return flags;
    }

    /// <summary>A stage while its instructions are read.</summary>
    private sealed record OpenStage(string? Name)
    {
        public List<DockerfileImage> Images { get; } = [];

        public SortedSet<int> Stages { get; } = [];
    }
}
