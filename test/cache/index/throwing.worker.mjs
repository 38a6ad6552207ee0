throw new Error('no graph today');
