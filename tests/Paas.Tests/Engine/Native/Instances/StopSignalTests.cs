namespace Paas.Engine.Native.Instances;

public sealed class StopSignalTests
{
    [Theory]
    [InlineData("SIGQUIT", 3)]
    [InlineData("quit", 3)]
    [InlineData("15", 15)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("WINCH", 28)]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("0", null)]
    [InlineData("99", null)]
    [InlineData("SIGNONSENSE", null)]
    [InlineData("SIGRTMIN+31", null)]
    public void A_signal_is_read_as_images_write_it(string? text, int? signal) => Assert.Equal(signal, StopSignal.Parse(text));
}
