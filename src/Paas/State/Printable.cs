namespace Paas.State;

/// <summary>What somebody sent, made fit for a sentence.</summary>
internal static class Printable
{
    /// <summary>At most 80 characters, control characters replaced.</summary>
    public static string Short(string? text) => Cut(text, 80);

    /// <summary>At most <paramref name="longest"/> characters, control characters replaced.</summary>
    public static string Cut(string? text, int longest) => new([.. (text ?? "").Take(longest).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
