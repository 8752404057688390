using Paas.Engine;

namespace Paas.Instances;

/// <summary>Where the loop tells of changed instances; the event stream of a slice above listens.</summary>
public sealed class InstanceNews
{
    /// <summary>The instance is now as the board says, or gone.</summary>
    public event Action<InstanceId>? Told;

    public void Changed(InstanceId id) => Told?.Invoke(id);

    public void Gone(InstanceId id) => Told?.Invoke(id);
}
