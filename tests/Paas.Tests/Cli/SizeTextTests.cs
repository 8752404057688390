namespace Paas.Cli;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("512M", 512)]
    [InlineData("1G", 1024)]
    [InlineData("1.5gb", 1536)]
    [InlineData("256MiB", 256)]
    [InlineData("300", 300)]
    public void Memory_is_megabytes(string text, int megabytes) => Assert.Equal(megabytes, SizeText.ParseMegabytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("-1G")]
    [InlineData("much")]
    [InlineData("0")]
    public void What_is_no_memory_is_refused(string text) => Assert.Throws<CliError>(() => SizeText.ParseMegabytes(text));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h", 3600)]
    public void Durations_are_seconds(string text, int seconds) => Assert.Equal(seconds, SizeText.ParseSeconds(text));

    [Fact]
    public void Releases_are_numbers_with_or_without_their_letter()
    {
        Assert.Equal(12, SizeText.ParseNumber("v12", ""));
        Assert.Equal(12, SizeText.ParseNumber("12", ""));
        Assert.Throws<CliError>(() => SizeText.ParseNumber("v0", ""));
    }
}
