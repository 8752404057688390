namespace Paas.Client;

/// <summary>The three streams of a one-off command, on this side.</summary>
/// <param name="Input">Read to its end; null: the command gets an empty input.</param>
public sealed record LocalStreams(Stream? Input, Stream Output, Stream Error);
