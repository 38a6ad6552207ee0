throw new Error('no binding for this platform');
