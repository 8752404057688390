namespace Paas.State;

/// <summary>What somebody sent, made fit for a sentence.</summary>
internal static class Printable
{
    /// <summary>At most 80 characters, control characters replaced.</summary>
    public static string Short(string? text) => new([.. (text ?? "").Take(80).Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
