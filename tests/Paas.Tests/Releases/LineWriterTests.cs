using System.Text;

namespace Paas.Releases;

public sealed class LineWriterTests
{
    [Fact]
    public void Bytes_become_lines_and_the_last_one_needs_no_newline()
    {
        Assert.Equal(["one", "two", "", "three"], Lines("one\ntw", "o\r\n\nthr", "ee"));
    }

    [Fact]
    public void A_character_cut_between_two_writes_is_whole_again()
    {
        var lines = new List<string>();
        using (var writer = new LineWriter(lines.Add))
        {
            var bytes = Encoding.UTF8.GetBytes("grün\n");
            writer.Write(bytes.AsSpan(0, 3));
            writer.Write(bytes.AsSpan(3));
        }

        Assert.Equal(["grün"], lines);
    }

    [Fact]
    public void A_line_without_end_is_passed_on_in_pieces() =>
        Assert.Equal([16384, 16384, 7232], Lines(new string('x', 40000)).Select(line => line.Length));

    private static List<string> Lines(params string[] writes)
    {
        var lines = new List<string>();
        using (var writer = new LineWriter(lines.Add))
        {
            foreach (var text in writes)
            {
                writer.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return lines;
    }
}
