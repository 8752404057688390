namespace Paas.Buildpacks.Toml;

/// <summary>A position in TOML text, and the steps over what carries no meaning.</summary>
internal sealed class TomlCursor(string text)
{
    public int Position { get; set; }

    public bool AtEnd => Position >= text.Length;

    /// <summary>NUL at the end; a NUL in the text is refused everywhere as a control character.</summary>
    public char Current => Peek(0);

    public char Peek(int distance) => Position + distance < text.Length ? text[Position + distance] : '\0';

    public bool At(string expected) => string.CompareOrdinal(text, Position, expected, 0, expected.Length) == 0;

    public string From(int start) => text[start..Position];

    /// <exception cref="TomlException">Another character stands here.</exception>
    public void Take(char expected)
    {
        if (AtEnd || Current != expected)
        {
            throw Error($"expected '{expected}'");
        }

        Position++;
    }

    public bool TryTake(string expected)
    {
        if (!At(expected))
        {
            return false;
        }

        Position += expected.Length;
        return true;
    }

    public bool TryTakeNewline() => TryTake("\n") || TryTake("\r\n");

    public void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            Position++;
        }
    }

    /// <summary>Over blanks, comments and line ends.</summary>
    public void SkipLines()
    {
        do
        {
            SkipBlanks();
            SkipComment();
        }
        while (TryTakeNewline());
    }

    /// <exception cref="TomlException">Something but a comment stands before the line's end.</exception>
    public void TakeLineEnd()
    {
        SkipBlanks();
        SkipComment();
        if (!AtEnd && !TryTakeNewline())
        {
            throw Error("expected the end of the line");
        }
    }

    /// <summary>TOML 1.0, "Comment": of the control characters only tab may appear. A carriage return counts, unless it ends the line.</summary>
    public void RefuseControl()
    {
        if (AtEnd || Current is (< ' ' and not '\t') or '\x7f')
        {
            throw Error(AtEnd ? "unexpected end" : "a control character must be written as an escape");
        }
    }

    public TomlException Error(string problem) => Error(problem, Position);

    /// <param name="at">Where the fault begins, when the cursor stands behind it.</param>
    public TomlException Error(string problem, int at) => new(problem, PositionOf(at));

    /// <summary>A character outside the basic plane counts once.</summary>
    public TomlPosition PositionOf(int at)
    {
        var before = text.AsSpan(0, Math.Min(at, text.Length));
        var line = before[(before.LastIndexOf('\n') + 1)..];
        return new TomlPosition(1 + before.Count('\n'), 1 + line.Length - CountLowSurrogates(line));
    }

    private static int CountLowSurrogates(ReadOnlySpan<char> line)
    {
        var count = 0;
        foreach (var character in line)
        {
            count += char.IsLowSurrogate(character) ? 1 : 0;
        }

        return count;
    }

    private void SkipComment()
    {
        if (Current != '#')
        {
            return;
        }

        while (!AtEnd && Current != '\n' && !At("\r\n"))
        {
            RefuseControl();
            Position++;
        }
    }
}
