namespace Paas.Dashboard.Layout;

/// <summary>Puts a page into the navigation: where its address has {App}, among the app's places, else among the platform's.</summary>
/// <param name="title">One word.</param>
/// <param name="order">Tens; the first four are in a phone's bottom bar.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RoomAttribute(string title, int order) : Attribute
{
    public string Title => title;

    public int Order => order;

    /// <summary>Name of a drawing in Icon.razor.</summary>
    public string Icon { get; init; } = "dot";
}
