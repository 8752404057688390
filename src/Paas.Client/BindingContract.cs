namespace Paas.Client;

// Bindings of apps, for their builds.

/// <summary>GET /apps/{app}/bindings.</summary>
/// <param name="Type">By which buildpacks find it: "ca-certificates".</param>
/// <param name="Files">Names; contents never come back.</param>
/// <param name="Actor">Who set it.</param>
public sealed record BindingView(string Name, string Type, string? Provider, IReadOnlyList<string> Files, string Actor, DateTimeOffset UpdatedAt);

/// <summary>PUT /apps/{app}/bindings/{binding}: all of it; what is there is replaced.</summary>
/// <param name="Files">Texts by file name, besides type and provider.</param>
public sealed record SetBinding(string Type, string? Provider, IReadOnlyDictionary<string, string> Files);
