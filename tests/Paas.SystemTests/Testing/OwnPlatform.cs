namespace Paas.Testing;

/// <summary>Tests that kill or stop the platform have one of their own, and take turns on it.</summary>
[CollectionDefinition(Name)]
public sealed class OwnPlatform : ICollectionFixture<Platform>
{
    public const string Name = "a platform of their own";
}
