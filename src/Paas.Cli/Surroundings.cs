using System.Collections;

namespace Paas.Cli;

/// <summary>What a command sees of the world: streams, variables, folder, clock. Tests bring their own.</summary>
internal sealed record Surroundings
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    /// <summary>For `run`, whose bytes are passed on as they are.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    public required Func<Stream> OpenError { get; init; }

    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    public required string Folder { get; init; }

    public bool InputIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal; null when stdout is none: nothing is cut then.</summary>
    public int? Width { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public bool Colour => OutIsTerminal && Variable("NO_COLOR") is null;

    /// <summary>Null when unset or empty.</summary>
    public string? Variable(string name) => Variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public static Surroundings OfProcess()
    {
        var terminal = !Console.IsOutputRedirected;
        return new Surroundings
        {
            Out = Console.Out,
            Error = Console.Error,
            OpenInput = Console.OpenStandardInput,
            OpenOutput = Console.OpenStandardOutput,
            OpenError = Console.OpenStandardError,
            Variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(item => (string)item.Key, item => (string?)item.Value ?? "", StringComparer.Ordinal),
            Folder = Environment.CurrentDirectory,
            InputIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = terminal,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = terminal && Console.WindowWidth > 0 ? Console.WindowWidth : null,
        };
    }
}
