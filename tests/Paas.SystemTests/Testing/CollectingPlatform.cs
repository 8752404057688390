namespace Paas.Testing;

/// <summary>A platform that collects garbage all the time and waits only seconds before it takes what nothing names.</summary>
public sealed class CollectingPlatform : IAsyncLifetime
{
    public const string Name = "a platform that collects garbage all the time";

    /// <summary>Longer than a push of the tests takes on a machine that runs 32 of them at once.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public Platform Platform { get; } = new()
    {
        Options = { ["PAAS_GC_EVERY_S"] = "0.2", ["PAAS_GC_GRACE_S"] = "20", ["PAAS_GC_UNTAGGED_S"] = "20" },
    };

    public ValueTask InitializeAsync() => Platform.InitializeAsync();

    public ValueTask DisposeAsync() => Platform.DisposeAsync();
}

[CollectionDefinition(CollectingPlatform.Name)]
public sealed class CollectingPlatformTests : ICollectionFixture<CollectingPlatform>;
