namespace Paas;

public sealed class SmokeTests
{
    [Fact]
    public void Runs() => Assert.True(OperatingSystem.IsLinux());
}
