namespace Paas;

public sealed class IdleMemoryTests
{
    [Theory]
    [InlineData(0, 0, 9 << 20, true)]
    [InlineData(5 << 20, 0, 100 << 20, false)]
    [InlineData(0, 600, 9 << 20, false)]
    [InlineData(0, 0, 1 << 20, false)]
    public void Memory_is_given_back_at_rest_and_only_when_it_is_worth_it(long sinceLook, int workMs, long sinceCollection, bool due) =>
        Assert.Equal(due, IdleMemory.IsDue(sinceLook, TimeSpan.FromMilliseconds(workMs), sinceCollection));

    [Fact]
    public async Task A_role_keeps_its_exit_code() => Assert.Equal(3, await IdleMemory.AroundAsync(Task.FromResult(3), TimeProvider.System));

    [Fact]
    public void Code_that_was_not_changed_is_what_can_be_forgotten() => Assert.Equal([new(0x1000, 0x3000), new(0x7f0000000000, 0x7f0000001000)], IdleMemory.UnchangedFiles(
    [
        "1000-3000 r-xp 00006000 fe:00 1261783                    /opt/paas/paasd", "Size: 8 kB", "Anonymous:             0 kB", "Swap:                  0 kB", "SwapPss:               0 kB", "VmFlags: rd ex mr mw me",
        "4000-5000 r-xp 00006000 fe:00 1261784                    /opt/paas/relocated.so", "Anonymous:             4 kB", "Swap:                  0 kB",
        "5000-6000 r-xp 00006000 fe:00 1261784                    /opt/paas/swapped.so", "Anonymous:             0 kB", "Swap:                  4 kB",
        "6000-7000 rw-p 00006000 fe:00 1261784                    /opt/paas/data.so", "Anonymous:             0 kB", "Swap:                  0 kB",
        "8000-9000 r-xp 00000000 00:00 0 ", "Anonymous:             0 kB", "Swap:                  0 kB",
        "9000-a000 r--p 00000000 fe:00 1261784 /opt/paas/may become writable.so", "Anonymous:             0 kB", "Swap:                  0 kB",
        "7f0000000000-7f0000001000 r--s 00000000 fe:00 9 /opt/paas/meta data.dll", "Anonymous:             0 kB", "Swap:                  0 kB",
        "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]", "Anonymous:             0 kB", "Swap:                  0 kB",
    ]));

    [Fact]
    public async Task A_process_goes_on_without_its_code_in_memory()
    {
        var code = IdleMemory.UnchangedNow();
        Assert.NotEmpty(code);
        IdleMemory.ForgetCode(code);
        Assert.Equal("12", await Task.Run(static () => (7 + 5).ToString(System.Globalization.CultureInfo.InvariantCulture), TestContext.Current.CancellationToken));
    }
}
