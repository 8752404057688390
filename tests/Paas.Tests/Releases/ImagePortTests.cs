using Paas.Apps;

namespace Paas.Releases;

public sealed class ImagePortTests
{
    [Theory]
    [InlineData("", 8080, "The image exposes no port: it is told to listen on 8080 by PORT.")]
    [InlineData("3000", 3000, "Port 3000, which the image exposes.")]
    [InlineData("9000,9001", 9000, "The image exposes the ports 9000, 9001: requests go to 9000.")]
    [InlineData("22,80,443", 80, "requests go to 80. Another: paas config set PORT=<number>")]
    [InlineData("1883,8080", 8080, "requests go to 8080.")]
    public void An_image_says_its_port(string exposed, int port, string sentence)
    {
        var chosen = ImagePort.Of(Run(exposed), []);
        Assert.Equal(port, chosen.Number);
        Assert.Contains(sentence, chosen.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3000")]
    [InlineData("3000,9000")]
    public void A_config_var_is_the_users_own_word(string exposed) => Assert.Equal(5555, ImagePort.Of(Run(exposed), [new ConfigVar("PORT", "5555", false, false)]).Number);

    [Fact]
    public void What_was_built_here_listens_where_it_is_told()
    {
        Assert.Equal(new ImagePort(8080, null), ImagePort.Of(null, []));
        Assert.Equal(3000, ImagePort.Of(null, [new ConfigVar("PORT", "3000", false, false)]).Number);
    }

    private static ImageRun Run(string exposed) =>
        new() { Reference = "x", Digest = "sha256:x", Ports = [.. exposed.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(port => int.Parse(port, System.Globalization.CultureInfo.InvariantCulture))] };
}
