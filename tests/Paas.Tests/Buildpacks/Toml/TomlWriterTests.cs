namespace Paas.Buildpacks.Toml;

public sealed class TomlWriterTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("quote \" backslash \\ newline \n tab \t bell \a delete \x7f umlaut ä emoji 😀")]
    [InlineData("")]
    public void Any_string_comes_back_as_it_was(string text)
    {
        var table = new TomlTable { ["key"] = text, [text] = new TomlTable { [text] = text } };

        var read = TomlReader.Parse(TomlWriter.Write(table));

        Assert.Equal(text, read.Text("key"));
        Assert.Equal(text, read.Table(text)!.Text(text));
    }

    [Fact]
    public void Values_stand_before_tables_so_that_they_stay_in_theirs()
    {
        var table = new TomlTable { ["inner"] = new TomlTable { ["a"] = 1L }, ["after"] = true };

        Assert.Equal("after = true\n\n[inner]\na = 1\n", TomlWriter.Write(table));
    }

    [Fact]
    public void A_wrong_type_is_named_with_its_key() =>
        Assert.Equal("line 1, column 1: 'id' must be a string.", Assert.Throws<FormatException>(() => TomlReader.Parse("id = 1").Text("id")).Message);
}
