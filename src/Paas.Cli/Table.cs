namespace Paas.Cli;

/// <summary>Aligned columns without borders. On a terminal that is too narrow the widest column gives way; into files nothing is cut.</summary>
internal sealed class Table(Surroundings surroundings, params string[] headings)
{
    private const int Gap = 2;
    private const int Narrowest = 8;
    private readonly List<string[]> _rows = [];

    public void Row(params string?[] cells) => _rows.Add([.. cells.Select(cell => OneLine(cell ?? ""))]);

    /// <param name="whenEmpty">What is said instead of a table without rows.</param>
    public void Print(string whenEmpty)
    {
        if (_rows.Count == 0)
        {
            surroundings.Out.WriteLine(whenEmpty);
            return;
        }

        var widths = Widths();
        Print(headings, widths, heading: true);
        _rows.ForEach(row => Print(row, widths, heading: false));
    }

    private int[] Widths()
    {
        int[] widths = [.. headings.Select((heading, column) => Math.Max(heading.Length, _rows.Max(row => row[column].Length)))];
        if (surroundings.Width is { } columns)
        {
            while (widths.Sum() + (Gap * (widths.Length - 1)) > columns && widths.Max() > Narrowest)
            {
                widths[Array.IndexOf(widths, widths.Max())]--;
            }
        }

        return widths;
    }

    private void Print(string[] cells, int[] widths, bool heading)
    {
        var line = string.Join(new string(' ', Gap), cells.Select((cell, column) => Fit(cell, widths[column]))).TrimEnd();
        surroundings.Out.WriteLine(surroundings.Colour ? heading ? $"\e[2m{line}\e[0m" : Words.Coloured(line, cells) : line);
    }

    private static string Fit(string cell, int width) => cell.Length > width ? string.Concat(cell.AsSpan(0, width - 1), "…") : cell.PadRight(width);

    /// <summary>What others wrote stays in its cell and moves no cursor.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
