namespace Paas.Testing;

/// <summary>Tests that take long, or that are much like one of the plain run: tests/run.sh --all runs them.</summary>
internal static class LongTests
{
    /// <summary>Whether this run is one of those.</summary>
    public static bool AreWanted { get; } = Environment.GetEnvironmentVariable("PAAS_TESTS_LONG") == "1";

    /// <param name="why">What is long; part of the skip's reason.</param>
    public static void Only(string why) =>
        Assert.SkipUnless(AreWanted, $"long: {why}; tests/run.sh --all runs it");
}
