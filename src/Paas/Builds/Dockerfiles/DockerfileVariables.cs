using System.Text;

namespace Paas.Builds.Dockerfiles;

/// <summary>Fills in variables of a word: $NAME, ${NAME}, ${NAME:-word}, ${NAME-word}, ${NAME:+word}, ${NAME+word}; takes quotes and escapes away
/// (Dockerfile reference, "Environment replacement").</summary>
internal sealed class DockerfileVariables(IReadOnlyDictionary<string, string> values, char escape)
{
    private const int MaxDepth = 20;

    /// <exception cref="FormatException">A clause that says what is wrong.</exception>
    public string Expand(string word) => Expand(word, 0);

    private string Expand(string word, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("its variables are nested too deeply");
        }

        var text = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at < word.Length; at++)
        {
            var letter = word[at];
            switch (letter)
            {
                case '\'' when quote != '"':
                case '"' when quote != '\'':
                    quote = quote == letter ? '\0' : letter;
                    break;
                case var _ when letter == escape && quote != '\'' && at + 1 < word.Length:
                    text.Append(word[++at]);
                    break;
                case '$' when quote != '\'':
                    text.Append(Variable(word, ref at, depth));
                    break;
                default:
                    text.Append(letter);
                    break;
            }
        }

        return quote == '\0' ? text.ToString() : throw new FormatException($"the quote {quote} is not closed");
    }

    /// <param name="at">At the dollar; afterwards at the last letter that was taken.</param>
    private string Variable(string word, ref int at, int depth)
    {
        if (at + 1 < word.Length && word[at + 1] == '{')
        {
            var end = Closing(word, at + 2);
            var inside = word[(at + 2)..end];
            at = end;
            return Braced(inside, depth);
        }

        var length = NameLength(word.AsSpan(at + 1));
        if (length == 0)
        {
            return "$";
        }

        var name = word.Substring(at + 1, length);
        at += length;
        return values.GetValueOrDefault(name, "");
    }

    private string Braced(string inside, int depth)
    {
        var length = NameLength(inside);
        var (name, rest) = (inside[..length], inside[length..]);
        if (length == 0)
        {
            throw new FormatException($"${{{State.Printable.Short(inside)}}} is no variable");
        }

        var isSet = values.TryGetValue(name, out var value);
        return rest switch
        {
            "" => value ?? "",
            [':', '-', .. var other] => value is { Length: > 0 } ? value : Expand(other, depth + 1),
            ['-', .. var other] => isSet ? value! : Expand(other, depth + 1),
            [':', '+', .. var other] => value is { Length: > 0 } ? Expand(other, depth + 1) : "",
            ['+', .. var other] => isSet ? Expand(other, depth + 1) : "",
            _ => throw new FormatException($"${{{State.Printable.Short(inside)}}} changes a variable in a way that is not known here: use ${{NAME}}, ${{NAME:-word}} or ${{NAME:+word}}"),
        };
    }

    private static int Closing(string word, int from)
    {
        var open = 1;
        for (var at = from; at < word.Length; at++)
        {
            open += word[at] switch { '{' when word[at - 1] == '$' => 1, '}' => -1, _ => 0 };
            if (open == 0)
            {
                return at;
            }
        }

        throw new FormatException("a ${ is not closed");
    }

    private static int NameLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (text[length] == '_' || char.IsAsciiLetter(text[length]) || (length > 0 && char.IsAsciiDigit(text[length]))))
        {
            length++;
        }

        return length;
    }
}
