using System.Net;
using ImagePipeline.TestSupport.Servers;

namespace ImagePipeline.TestSupport;

/// <summary>Starts HTTP listeners on free ports. One cannot be asked to choose its port, and another may take it before it has begun to listen.</summary>
static class FreeListener
{
    /// <summary>Starts one.</summary>
    /// <returns>It, and its address without a slash at the end.</returns>
    public static (HttpListener Listener, string Address) Start()
    {
        while (true)
        {
            var address = $"http://127.0.0.1:{PrivateServer.FreePort()}";
            var listener = new HttpListener { Prefixes = { $"{address}/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                // Taken meanwhile.
                listener.Close();
            }
        }
    }
}
